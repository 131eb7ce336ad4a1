import { join } from 'node:path';
import { openDuckDbSink } from '../../src/sink/duckdb-sink.ts';
import { describeSink } from './sink-suite.ts';

describeSink('duckdb', (folder) => openDuckDbSink({ file: join(folder, 'entities.duckdb') }));
