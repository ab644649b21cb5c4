/** The table of OAuth applications in the identity database, a row each. */
export const TABLE = 'IDN_OAUTH_CONSUMER_APPS';

/** Its column with the client id. */
export const COLUMN = 'CONSUMER_KEY';

/** The name the guide gives the constraint. */
export const CONSTRAINT = 'UNIQUE_CONSUMER_KEY_CONSTRAINT';

/** The guide's statement, to the letter; it is valid on every engine that WSO2 supports. */
export const ADD_CONSTRAINT = `ALTER TABLE ${TABLE} ADD CONSTRAINT ${CONSTRAINT} UNIQUE (${COLUMN})`;

/** Takes back the guide's statement, where a unique key is a constraint. */
export const DROP_CONSTRAINT = `ALTER TABLE ${TABLE} DROP CONSTRAINT ${CONSTRAINT}`;
