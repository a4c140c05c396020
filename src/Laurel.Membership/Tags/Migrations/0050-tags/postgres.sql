-- Tags and groups that members may have. One that was removed keeps its row: its code may be used again.
CREATE TABLE tags (
    tenant_id    integer NOT NULL,
    id           bigint  NOT NULL,
    code         text    NOT NULL,
    kind         text    NOT NULL,
    name_english text    NOT NULL,
    name_chinese text    NOT NULL,
    description  text,
    color        text,
    is_system    integer NOT NULL,
    removed      integer NOT NULL,
    changed_at   bigint  NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

-- What the staff notes about a member, sealed by the member's data key.
CREATE TABLE member_notes (
    tenant_id  integer NOT NULL,
    member_id  bigint  NOT NULL,
    id         bigint  NOT NULL,
    sealed     bytea   NOT NULL,
    author     text    NOT NULL,
    created_at bigint  NOT NULL,
    PRIMARY KEY (tenant_id, member_id, id)
);

-- Questions about members that somebody asks again.
CREATE TABLE saved_filters (
    tenant_id  integer NOT NULL,
    id         bigint  NOT NULL,
    name       text    NOT NULL,
    owner      text    NOT NULL,
    shared     integer NOT NULL,
    filter     text    NOT NULL,
    removed    integer NOT NULL,
    changed_at bigint  NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
