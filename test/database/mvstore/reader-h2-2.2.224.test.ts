import { test } from 'uvu';
import { readerCases } from './reader-cases.js';

readerCases('2.2.224');

test.run();
