-- Replies and batches of events go by whole months when they are past their age. The month is part of the key, so that a key is unique within a
-- month; near a month's edge a reply is kept on both sides of it (docs/adr/0039). What is there counts as of this month.
SET @alter = CONCAT(
    'ALTER TABLE replies ADD COLUMN month INT NOT NULL DEFAULT ', DATE_FORMAT(UTC_TIMESTAMP(), '%Y%m'),
    ', DROP PRIMARY KEY, ADD PRIMARY KEY (key_hash, month)'); PREPARE laurel FROM @alter; EXECUTE laurel; DEALLOCATE PREPARE laurel;
ALTER TABLE replies ALTER COLUMN month DROP DEFAULT;
SET @alter = CONCAT(
    'ALTER TABLE replies PARTITION BY RANGE (month) (PARTITION p', DATE_FORMAT(UTC_TIMESTAMP(), '%Y_%m'), ' VALUES LESS THAN (',
    DATE_FORMAT(DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m-01') + INTERVAL 1 MONTH, '%Y%m'),
    '), PARTITION rest VALUES LESS THAN MAXVALUE)'); PREPARE laurel FROM @alter; EXECUTE laurel; DEALLOCATE PREPARE laurel;
-- Ids are milliseconds since 2020 above 22 bits (docs/adr/0010), so a range of ids is a month.
SET @alter = CONCAT(
    'ALTER TABLE event_batches PARTITION BY RANGE (batch_id) (PARTITION p', DATE_FORMAT(UTC_TIMESTAMP(), '%Y_%m'), ' VALUES LESS THAN (',
    (TIMESTAMPDIFF(SECOND, '2020-01-01', DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m-01') + INTERVAL 1 MONTH) * 1000) << 22,
    '), PARTITION rest VALUES LESS THAN MAXVALUE)'); PREPARE laurel FROM @alter; EXECUTE laurel; DEALLOCATE PREPARE laurel;
