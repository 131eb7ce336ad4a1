/** What the scanners of source code, configuration and clouds find in the invented organisations. */

export const codeFlaws = [
  { title: 'Cross-Site Request Forgery (CSRF)', cwes: ['CWE-352'], file: 'src/main/java/app/TransferController.java' },
  { title: 'Cross-site Scripting (XSS)', cwes: ['CWE-79'], file: 'web/src/components/comment.tsx' },
  { title: 'Use of Hardcoded Passwords', cwes: ['CWE-259', 'CWE-798'], file: 'tests/prüfung/test_anmeldung.py' },
  { title: 'SQL Injection', cwes: ['CWE-89'], file: 'internal/store/query.go' },
  { title: 'Path Traversal', cwes: ['CWE-23'], file: 'server/routes/download.js' },
  { title: 'Use of Password Hash With Insufficient Computational Effort', cwes: ['CWE-916'], file: 'lib/auth.rb' },
] as const;

export const configRules = [
  { id: 'SNYK-CC-TF-4', title: 'S3 bucket is not encrypted', path: "resource['aws_s3_bucket'].logs" },
  {
    id: 'SNYK-CC-TF-73',
    title: 'Security Group allows open ingress',
    path: "resource['aws_security_group'].web.ingress[0]",
  },
  {
    id: 'SNYK-CC-K8S-8',
    title: 'Container is running with writable root filesystem',
    path: 'spec.template.spec.containers[api].securityContext',
  },
  {
    id: 'SNYK-CC-00181',
    title: 'S3 bucket policies should only allow requests that use HTTPS',
    path: "resource['aws_s3_bucket_policy'].main",
  },
] as const;

/** Titles in other scripts, with combining marks, an emoji of several code points and a line separator (U+2028). */
export const customRules = [
  { id: 'ORG-RULE-1', title: 'Zugriffsschlüssel im Klartext gespeichert', cwe: 'CWE-312' },
  { id: 'ORG-RULE-2', title: '認証情報がログに出力されています', cwe: 'CWE-532' },
  { id: 'ORG-RULE-3', title: 'Accès non autorisé à l’API — vérification manquante', cwe: 'CWE-862' },
  { id: 'ORG-RULE-4', title: 'Debug endpoint left open 👩🏽‍💻🔓', cwe: 'CWE-489' },
  { id: 'ORG-RULE-5', title: 'Naïve comparison of "secrets" \\ timing\u2028leak', cwe: 'CWE-208' },
] as const;
