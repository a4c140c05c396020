-- Who asked that somebody else leaves, while a second person has yet to say so too; 16 bytes for each hand. Null for all others.
ALTER TABLE members ADD COLUMN cancel_asked_by BLOB;

-- Of a request that takes two persons: who asked; and of its confirmation who confirmed. Null for all other steps.
ALTER TABLE member_status_changes ADD COLUMN hands BLOB;
