-- Tags and groups that members may have. One that was removed keeps its row: its code may be used again.
CREATE TABLE tags (
    tenant_id    INT          NOT NULL,
    id           BIGINT       NOT NULL,
    code         VARCHAR(64)  NOT NULL,
    kind         VARCHAR(16)  NOT NULL,
    name_english VARCHAR(255) NOT NULL,
    name_chinese VARCHAR(255) NOT NULL,
    description  VARCHAR(1024),
    color        VARCHAR(32),
    is_system    INT          NOT NULL,
    removed      INT          NOT NULL,
    changed_at   BIGINT       NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

-- What the staff notes about a member, sealed by the member's data key.
CREATE TABLE member_notes (
    tenant_id  INT             NOT NULL,
    member_id  BIGINT          NOT NULL,
    id         BIGINT          NOT NULL,
    sealed     VARBINARY(8192) NOT NULL,
    author     VARCHAR(255)    NOT NULL,
    created_at BIGINT          NOT NULL,
    PRIMARY KEY (tenant_id, member_id, id)
);

-- Questions about members that somebody asks again.
CREATE TABLE saved_filters (
    tenant_id  INT           NOT NULL,
    id         BIGINT        NOT NULL,
    name       VARCHAR(255)  NOT NULL,
    owner      VARCHAR(255)  NOT NULL,
    shared     INT           NOT NULL,
    filter     VARCHAR(4096) NOT NULL,
    removed    INT           NOT NULL,
    changed_at BIGINT        NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
