# Called by imapsieve when a mail comes into a folder: the folder's name is the class that it should have had.
require ["vnd.dovecot.pipe", "copy", "imapsieve", "environment", "variables"];

if environment :matches "imap.mailbox" "*" {
    pipe :copy "postroom-correct" ["${1}"];
}
