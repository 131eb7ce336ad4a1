// Loaded into a measured process: writes its own figures when it ends.
import { writeFileSync } from 'node:fs';

const file = process.env.SASSY_METER;
process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const figures = {
    wallS: process.uptime(),
    cpuS: (userCPUTime + systemCPUTime) / 1e6,
    peakMb: Math.round(maxRSS / 1024),
  };
  if (file !== undefined) writeFileSync(file, JSON.stringify(figures));
});
