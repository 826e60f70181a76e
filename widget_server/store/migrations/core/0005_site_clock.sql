-- A clock for each site in place of one for all: whoever writes for a site holds its row until the commit, so that the
-- numbers of a site become visible in order, and a commit touches rows of one site alone.

delete from change_clock;

insert into change_clock (site, seq) select site, max(seq) from changes group by site;

drop index changes_seq;

create index changes_site_seq on changes (site, seq);
