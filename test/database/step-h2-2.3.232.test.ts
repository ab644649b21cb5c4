import { test } from 'uvu';
import { consumerKeyCases } from './consumer-key-cases.js';

consumerKeyCases('2.3.232');

test.run();
