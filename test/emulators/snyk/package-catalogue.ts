/**
 * What the invented organisations suffer from. The vulnerabilities are well-known public ones, the numbers at the end
 * of Snyk's ids are only alike.
 */

export interface PackageFlaw {
  readonly projectType: string;
  readonly id: string;
  readonly title: string;
  readonly cve?: string;
  readonly cwes: readonly string[];
  readonly packageName: string;
  readonly versions: readonly string[];
  readonly fixedIn?: string;
  readonly score: number;
  readonly vector: string;
}

const network = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U';

export const packageFlaws: readonly PackageFlaw[] = [
  {
    projectType: 'npm',
    id: 'SNYK-JS-LODASH-567746',
    title: 'Prototype Pollution',
    cve: 'CVE-2020-8203',
    cwes: ['CWE-1321'],
    packageName: 'lodash',
    versions: ['4.17.11', '4.17.15'],
    fixedIn: '4.17.20',
    score: 7.4,
    vector: 'CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:H/A:H',
  },
  {
    projectType: 'npm',
    id: 'SNYK-JS-SEMVER-3247795',
    title: 'Regular Expression Denial of Service (ReDoS)',
    cve: 'CVE-2022-25883',
    cwes: ['CWE-1333'],
    packageName: 'semver',
    versions: ['5.7.1', '7.3.8'],
    fixedIn: '7.5.2',
    score: 5.3,
    vector: `${network}/C:N/I:N/A:L`,
  },
  {
    projectType: 'npm',
    id: 'SNYK-JS-AXIOS-6032459',
    title: 'Cross-site Request Forgery (CSRF)',
    cve: 'CVE-2023-45857',
    cwes: ['CWE-352'],
    packageName: 'axios',
    versions: ['0.27.2', '1.5.1'],
    fixedIn: '1.6.0',
    score: 6.5,
    vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:N/A:N',
  },
  {
    projectType: 'npm',
    id: 'SNYK-JS-INFLIGHT-6095116',
    title: 'Missing Release of Resource after Effective Lifetime',
    cwes: ['CWE-772'],
    packageName: 'inflight',
    versions: ['1.0.6'],
    score: 6.2,
    vector: 'CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H',
  },
  {
    projectType: 'npm',
    id: 'SNYK-JS-BABELTRAVERSE-5962462',
    title: 'Incomplete List of Disallowed Inputs',
    cve: 'CVE-2023-45133',
    cwes: ['CWE-184', 'CWE-697'],
    packageName: '@babel/traverse',
    versions: ['7.22.8'],
    fixedIn: '7.23.2',
    score: 9.3,
    vector: 'CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H',
  },
  {
    projectType: 'maven',
    id: 'SNYK-JAVA-ORGAPACHELOGGINGLOG4J-2314720',
    title: 'Remote Code Execution (RCE)',
    cve: 'CVE-2021-44228',
    cwes: ['CWE-94', 'CWE-502'],
    packageName: 'org.apache.logging.log4j:log4j-core',
    versions: ['2.14.1'],
    fixedIn: '2.15.0',
    score: 10,
    vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H',
  },
  {
    projectType: 'maven',
    id: 'SNYK-JAVA-ORGSPRINGFRAMEWORK-2436751',
    title: 'Remote Code Execution',
    cve: 'CVE-2022-22965',
    cwes: ['CWE-94'],
    packageName: 'org.springframework:spring-beans',
    versions: ['5.3.17'],
    fixedIn: '5.3.18',
    score: 9.8,
    vector: `${network}/C:H/I:H/A:H`,
  },
  {
    projectType: 'maven',
    id: 'SNYK-JAVA-ORGYAML-2806360',
    title: 'Denial of Service (DoS)',
    cve: 'CVE-2022-25857',
    cwes: ['CWE-400'],
    packageName: 'org.yaml:snakeyaml',
    versions: ['1.29', '1.30'],
    fixedIn: '1.31',
    score: 7.5,
    vector: `${network}/C:N/I:N/A:H`,
  },
  {
    projectType: 'pip',
    id: 'SNYK-PYTHON-JINJA2-6150717',
    title: 'Cross-site Scripting (XSS)',
    cve: 'CVE-2024-22195',
    cwes: ['CWE-79'],
    packageName: 'jinja2',
    versions: ['2.11.3', '3.1.2'],
    fixedIn: '3.1.3',
    score: 5.4,
    vector: 'CVSS:3.1/AV:N/AC:L/PR:L/UI:R/S:C/C:L/I:L/A:N',
  },
  {
    projectType: 'pip',
    id: 'SNYK-PYTHON-PYYAML-590151',
    title: 'Arbitrary Code Execution',
    cve: 'CVE-2020-14343',
    cwes: ['CWE-20'],
    packageName: 'pyyaml',
    versions: ['5.3.1'],
    fixedIn: '5.4',
    score: 9.8,
    vector: `${network}/C:H/I:H/A:H`,
  },
  {
    projectType: 'pip',
    id: 'SNYK-PYTHON-REQUESTS-5595532',
    title: 'Information Exposure',
    cve: 'CVE-2023-32681',
    cwes: ['CWE-200'],
    packageName: 'requests',
    versions: ['2.28.2'],
    fixedIn: '2.31.0',
    score: 3.1,
    vector: 'CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N',
  },
  {
    projectType: 'dockerfile',
    id: 'SNYK-DEBIAN12-ZLIB-6008963',
    title: 'Integer Overflow or Wraparound',
    cve: 'CVE-2023-45853',
    cwes: ['CWE-190'],
    packageName: 'zlib/zlib1g',
    versions: ['1:1.2.13.dfsg-1'],
    score: 9.8,
    vector: `${network}/C:H/I:H/A:H`,
  },
  {
    projectType: 'dockerfile',
    id: 'SNYK-DEBIAN8-CURL-358558',
    title: 'Out-of-bounds Read',
    cve: 'CVE-2019-3823',
    cwes: ['CWE-125'],
    packageName: 'curl/libcurl3',
    versions: ['7.38.0-4+deb8u11'],
    fixedIn: '7.38.0-4+deb8u14',
    score: 7.5,
    vector: `${network}/C:N/I:N/A:H`,
  },
  {
    projectType: 'dockerfile',
    id: 'SNYK-ALPINE318-OPENSSL-6055795',
    title: 'CVE-2023-5363',
    cve: 'CVE-2023-5363',
    cwes: [],
    packageName: 'openssl/libcrypto3',
    versions: ['3.1.2-r0'],
    fixedIn: '3.1.4-r0',
    score: 7.5,
    vector: `${network}/C:H/I:N/A:N`,
  },
];

export const licences = [
  { id: 'GPL-3.0', title: 'GPL-3.0 license', severity: 'high', packageName: 'readline-sync-plus' },
  { id: 'AGPL-3.0', title: 'AGPL-3.0 license', severity: 'high', packageName: 'ghost-script-bridge' },
  { id: 'MPL-2.0', title: 'MPL-2.0 license', severity: 'medium', packageName: 'certifi' },
  { id: 'Artistic-2.0', title: 'Artistic-2.0 license', severity: 'low', packageName: 'npm-packlist-lite' },
] as const;
