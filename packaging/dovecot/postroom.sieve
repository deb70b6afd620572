# Fields on every mail; the project manager's mail into a folder of its own.
require ["vnd.dovecot.filter", "fileinto", "mailbox"];

filter "postroom" ["filter", "--host", "sieve"];
if header :is "X-Postroom-Owner" "pm" {
    fileinto :create "pm";
}
