# The same without changing the mail: postroom is asked, and the mail is stored as it came.
# When postroom is missing or fails, the answer is no, and the mail goes to the inbox.
require ["vnd.dovecot.execute", "fileinto", "mailbox"];

if execute :pipe "postroom" ["is", "--owner", "pm"] {
    fileinto :create "pm";
}
