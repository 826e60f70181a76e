create table contract_rows (
    site text not null,
    id text not null,
    n bigint not null,
    real_value double precision,
    text_value text,
    primary key (site, id)
);

create table contract_parts (
    site text not null,
    id text not null,
    row_id text not null,
    primary key (site, id),
    foreign key (site, row_id) references contract_rows (site, id)
);
