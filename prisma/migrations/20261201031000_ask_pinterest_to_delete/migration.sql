-- What Pinterest said when it was asked to delete a customer's events. The request's body stays until
-- then: it has the email, which is kept nowhere else.
alter table compliance_request
  -- One word: 'asked', 'not_offered', 'refused', 'no_sign_in', 'given_up'. Null: not asked (yet).
  add column pinterest text,
  -- When and for which ad account it was asked; null: the answer is that to an earlier request.
  add column pinterest_at timestamptz,
  add column pinterest_account text,
  -- Pinterest's id of the deletion.
  add column pinterest_request text;
drop index compliance_request_due;
create index compliance_request_due on compliance_request (next_at)
  where state = 'recorded' or waits_for = 'pinterest';
grant select (pinterest, pinterest_at, pinterest_account, pinterest_request)
  on compliance_request to pinrelay_reader;
