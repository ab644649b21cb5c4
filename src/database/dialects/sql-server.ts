import { ADD_CONSTRAINT, CONSTRAINT, DROP_CONSTRAINT } from '../guide-sql.js';
import type { Dialect, Fault } from './dialect.js';

/**
 * SQL Server 2017 and later. Not run against a server. As in the vendor's documentation: the locks and their limit, the columns of
 * index_columns and dm_tran_locks, and the codes but 911, 17187 and 40613. These, the other views, and that an ALTER TABLE without
 * the right to it ends in 1088 or 4902, are from general knowledge.
 */
export const sqlServerDialect: Dialect = {
  engine: 'SQL Server',
  spell: (name) => name,
  addConstraint: ADD_CONSTRAINT,
  dropConstraint: DROP_CONSTRAINT,
  findConstraint: `
    SELECT COALESCE(OBJECT_NAME(NULLIF(o.parent_object_id, 0)), o.name), c.name
    FROM sys.objects o
    LEFT JOIN sys.indexes i ON i.object_id = o.parent_object_id AND i.name = o.name
    LEFT JOIN sys.index_columns k ON k.object_id = i.object_id AND k.index_id = i.index_id
    LEFT JOIN sys.columns c ON c.object_id = k.object_id AND c.column_id = k.column_id
    WHERE o.name = '${CONSTRAINT}' AND o.schema_id = SCHEMA_ID()
    ORDER BY k.key_ordinal`,
  emptyKeys: 'one',
  enterAlone: [
    "EXEC sp_getapplock @Resource = 'km-bootstrap', @LockMode = 'Exclusive', @LockOwner = 'Session', @LockTimeout = -1",
  ],
  limitLockWait: (timeoutMs) => [`SET LOCK_TIMEOUT ${timeoutMs}`],
  findBlockers: `
    SELECT DISTINCT CONCAT('session ', l.request_session_id, ' of ', s.login_name, ' (', s.program_name, ')')
    FROM sys.dm_tran_locks l JOIN sys.dm_exec_sessions s ON s.session_id = l.request_session_id
    WHERE l.resource_database_id = DB_ID() AND l.request_session_id <> @@SPID AND l.request_status = 'GRANT'
      AND l.resource_type IN ('OBJECT', 'PAGE', 'KEY', 'RID')`,
  cost: 'SQL Server scans the table and builds an index; writes of that table wait meanwhile.',
  faultOf: ({ state, vendorCode }) => FAULTS.get(vendorCode) ?? (state.startsWith('08') ? 'not-ready' : undefined),
};

/** By number: https://learn.microsoft.com/sql/relational-databases/errors-events/database-engine-events-and-errors */
const FAULTS: ReadonlyMap<number, Fault> = new Map([
  [18456, 'password'],
  [18488, 'password'],
  [4060, 'not-found'],
  [911, 'not-found'],
  [1505, 'duplicates'],
  [2601, 'duplicates'],
  [2714, 'already-exists'],
  [1913, 'already-exists'],
  [1088, 'no-right'],
  [229, 'no-right'],
  [230, 'no-right'],
  [262, 'no-right'],
  [916, 'no-right'],
  [3906, 'no-right'],
  [4902, 'no-right'],
  [1222, 'locked'],
  [1205, 'locked'],
  [40613, 'not-ready'],
  [17187, 'not-ready'],
]);
