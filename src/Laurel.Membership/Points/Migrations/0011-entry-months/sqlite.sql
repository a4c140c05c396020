-- SQLite has no partitions; on the servers entries and what they took are kept by months (docs/adr/0039).
SELECT 1;
