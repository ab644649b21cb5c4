import { test } from 'uvu';
import { consumerKeyCases } from './consumer-key-cases.js';

consumerKeyCases('2.2.224');

test.run();
