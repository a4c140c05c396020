-- Entries, and what they took, are kept by months. Ids are time-ordered: milliseconds since 2020 above 22 bits (docs/adr/0010), so
-- a range of ids is a month. What is there becomes the first month, open below.
SET @alter = CONCAT(
    'ALTER TABLE entries PARTITION BY RANGE (id) (PARTITION p', DATE_FORMAT(UTC_TIMESTAMP(), '%Y_%m'), ' VALUES LESS THAN (',
    (TIMESTAMPDIFF(SECOND, '2020-01-01', DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m-01') + INTERVAL 1 MONTH) * 1000) << 22,
    '), PARTITION rest VALUES LESS THAN MAXVALUE)'); PREPARE laurel FROM @alter; EXECUTE laurel; DEALLOCATE PREPARE laurel;
SET @alter = CONCAT(
    'ALTER TABLE lot_takes PARTITION BY RANGE (entry_id) (PARTITION p', DATE_FORMAT(UTC_TIMESTAMP(), '%Y_%m'), ' VALUES LESS THAN (',
    (TIMESTAMPDIFF(SECOND, '2020-01-01', DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m-01') + INTERVAL 1 MONTH) * 1000) << 22,
    '), PARTITION rest VALUES LESS THAN MAXVALUE)'); PREPARE laurel FROM @alter; EXECUTE laurel; DEALLOCATE PREPARE laurel;
