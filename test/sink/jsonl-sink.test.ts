import { openJsonlSink } from '../../src/sink/jsonl-sink.ts';
import { nodeHost } from '../../src/util/node-host.ts';
import { describeSink } from './sink-suite.ts';

describeSink('jsonl', async (folder) => openJsonlSink({ host: nodeHost(), folder }));
