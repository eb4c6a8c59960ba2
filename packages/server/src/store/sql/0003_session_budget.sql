-- The agent stops a turn when a process of the session has spent this much; null sets no limit.
alter table sessions add column max_budget_usd double precision;
