import { test } from 'uvu';
import { readerCases } from './reader-cases.js';

readerCases('2.3.232');

test.run();
