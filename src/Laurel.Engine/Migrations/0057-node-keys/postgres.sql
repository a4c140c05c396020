-- The ids of the master keys that a node has, the one it seals under first. A node of an earlier version tells nothing.
ALTER TABLE nodes ADD COLUMN master_keys text;
