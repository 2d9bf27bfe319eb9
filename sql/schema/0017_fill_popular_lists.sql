-- What is there already. Not in the file that makes the triggers: those hold off writers until it is committed.
SELECT derive_listings(NULL);
