/** How a well-known kind of credential looks, wherever it stands. */
export interface TokenShape {
  readonly name: string;
  /** Global, linear in the text. The secret is group 1 where there is one, else the whole match. */
  readonly pattern: RegExp;
  /** Told apart from prose: the secret must hold a digit. */
  readonly needsDigit?: true;
}

// Where the characters of the prefix may also follow it, a look-behind keeps a long run from being tried at each place.
const START = '(?<![A-Za-z0-9_-])';
const shape = (name: string, source: string, flags = 'g'): TokenShape => ({ name, pattern: new RegExp(source, flags) });

/** Made anew for each caller, since a global expression carries a position. */
export function tokenShapes(): readonly TokenShape[] {
  return [
    shape(
      'private key',
      '-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----(?:[^-]|-(?!----)){0,16384}(?:-----END [A-Z ]{0,40}-----)?',
    ),
    shape('JWT', `${START}eyJ[A-Za-z0-9_-]{8,8192}\\.eyJ[A-Za-z0-9_-]{8,16384}\\.[A-Za-z0-9_-]{0,2048}`),
    shape('GitHub', 'gh[opsur]_[A-Za-z0-9]{20,255}'),
    shape('GitHub', 'github_pat_[A-Za-z0-9_]{22,255}'),
    shape('GitLab', `${START}gl(?:pat|dt|rt|ptt|cbt|ft|soat|imt|agent|oas)-[A-Za-z0-9_.-]{20,300}`),
    shape('Slack', `${START}xox[abceoprs]-[A-Za-z0-9-]{10,300}`),
    shape('Slack', `${START}xapp-\\d-[A-Za-z0-9-]{10,300}`),
    shape('Slack', 'hooks\\.slack\\.com/services/(T[A-Za-z0-9]{5,20}/B[A-Za-z0-9]{5,20}/[A-Za-z0-9]{16,40})'),
    shape('Stripe', '(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{10,250}'),
    shape('webhook', 'whsec_[A-Za-z0-9+/]{20,250}={0,2}'),
    shape('AWS', '(?<![A-Z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Z0-9])'),
    shape('AWS', '[?&]X-Amz-(?:Signature|Security-Token|Credential)=([A-Za-z0-9%/+=_.-]{16,4096})', 'gi'),
    shape('Azure', '[?&]sig=([A-Za-z0-9%/+_-]{20,200}=?)'),
    shape('Azure', 'AccountKey=([A-Za-z0-9+/]{40,200}={0,2})'),
    shape('Google', 'AIza[A-Za-z0-9_-]{35}'),
    shape('Google', `${START}ya29\\.[A-Za-z0-9_.-]{20,2048}`),
    shape('Google', `${START}GOCSPX-[A-Za-z0-9_-]{20,64}`),
    shape('Snyk', 'snyk_[us]at\\.[A-Za-z0-9_.-]{16,300}'),
    shape('npm', 'npm_[A-Za-z0-9]{36}'),
    shape('PyPI', `${START}pypi-[A-Za-z0-9_-]{50,400}`),
    shape('OpenAI or Anthropic', `${START}sk-(?:ant|proj|svcacct|admin)-[A-Za-z0-9_-]{20,300}`),
    shape('OpenAI', `${START}sk-[A-Za-z0-9]{32,64}(?![A-Za-z0-9])`),
    shape('SendGrid', `${START}SG\\.[A-Za-z0-9_-]{16,32}\\.[A-Za-z0-9_-]{16,64}`),
    shape('Shopify', 'shp(?:at|ca|pa|ss|ua)_[a-fA-F0-9]{32}'),
    shape('DigitalOcean', 'do[oprt]_v1_[a-f0-9]{64}'),
    shape('Vault', `${START}hv[sbr]\\.[A-Za-z0-9_-]{24,300}`),
    shape('Databricks', 'dapi[a-f0-9]{32}'),
    shape('Atlassian', 'AT(?:ATT|CTT|BB)[A-Za-z0-9][A-Za-z0-9_=-]{40,300}'),
    shape('Linear', 'lin_(?:api|oauth)_[A-Za-z0-9]{32,64}'),
    shape('Notion', '(?:ntn_|secret_)[A-Za-z0-9]{40,64}'),
    shape('HubSpot', `${START}pat-(?:na|eu|ap)\\d-[a-f0-9-]{36}`),
    shape('Sentry', 'sntry[su]_[A-Za-z0-9+/=_]{40,300}'),
    shape('Postman', `${START}PMAK-[a-f0-9]{24}-[a-f0-9]{34}`),
    shape('Okta', 'SSWS +([A-Za-z0-9_-]{20,100})'),
    {
      ...shape('authorization', '(?<![A-Za-z0-9])(?:bearer|basic) +([A-Za-z0-9._~+/-]{16,4096}={0,2})', 'gi'),
      needsDigit: true,
    },
    shape('URL with a password', '://([^\\s/:@"\'<>?#]{1,256}:[^\\s/@"\'<>?#]{1,256})@'),
  ];
}
