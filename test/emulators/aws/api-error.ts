import { element, HEAD, type Node } from './xml.ts';

/** An answer that is an error, in the form of the service that gives it. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    {
      fields = {},
      headers = {},
    }: { readonly fields?: Record<string, string>; readonly headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.fields = fields;
    this.headers = headers;
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html and, for the query services, CommonErrors. */
export function errorBody({ code, message, status, fields }: ApiError, service: string): string {
  if (service === 's3') {
    const content: Node = {
      Code: code,
      Message: message,
      ...fields,
      RequestId: 'TX234S0F24A06C7',
      HostId: 'ivPrxcZ3aA==',
    };
    return HEAD + element('Error', content);
  }
  const version = service === 'iam' ? 'iam.amazonaws.com/doc/2010-05-08/' : 'sts.amazonaws.com/doc/2011-06-15/';
  const type = status < 500 ? 'Sender' : 'Receiver';
  return element('ErrorResponse', {
    '@xmlns': `https://${version}`,
    Error: { Type: type, Code: code, Message: message },
    RequestId: '7a62c49f-347e-4fc4-9331-6e8eEXAMPLE',
  });
}
