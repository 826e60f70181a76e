-- What was done to a subject's texts, in the order of time: for those who watch it, and come back after a break.

create index interactions_texts on interactions (site, subject, interaction) where target is not null;
