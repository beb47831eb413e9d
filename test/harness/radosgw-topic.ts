import { createHash, createHmac } from "node:crypto";
import type { Radosgw } from "./radosgw.ts";

/** Makes a topic whose messages go to an address; returns its ARN. The server speaks SNS for that, signed as S3. */
export async function createTopic(
  server: Radosgw,
  { name, pushEndpoint }: { readonly name: string; readonly pushEndpoint: string },
): Promise<string> {
  const body = new URLSearchParams({
    Action: "CreateTopic",
    Name: name,
    "Attributes.entry.1.key": "push-endpoint",
    "Attributes.entry.1.value": pushEndpoint,
  }).toString();
  const answer = await fetch(server.endpoint, {
    method: "POST",
    body,
    headers: { "content-type": "application/x-www-form-urlencoded", ...sign(server, body) },
  });
  const text = await answer.text();
  const arn = /<TopicArn>([^<]+)<\/TopicArn>/u.exec(text)?.[1];
  if (arn === undefined) throw new Error(`no topic was made: ${answer.status} ${text}`);
  return arn;
}

/** Signature version 4 of a POST of this body to `/`. */
function sign(
  { endpoint, credentials, region }: Radosgw,
  body: string,
): Record<"authorization" | "x-amz-content-sha256" | "x-amz-date", string> {
  const time = new Date().toISOString().replaceAll(/[-:]|\.\d+/gu, "");
  const scope = [time.slice(0, 8), region, "s3", "aws4_request"];
  const headers = { "x-amz-content-sha256": sha256(body), "x-amz-date": time };
  const lines = Object.entries({ host: new URL(endpoint).host, ...headers });
  const names = lines.map(([header]) => header).join(";");
  const values = lines.map(([header, value]) => `${header}:${value}`);
  const request = ["POST", "/", "", ...values, "", names, sha256(body)].join("\n");
  const toSign = ["AWS4-HMAC-SHA256", time, scope.join("/"), sha256(request)].join("\n");
  let key: string | Buffer = `AWS4${credentials.secretAccessKey}`;
  for (const part of scope) key = createHmac("sha256", key).update(part).digest();
  const signature = createHmac("sha256", key).update(toSign).digest("hex");
  const credential = `Credential=${credentials.accessKeyId}/${scope.join("/")}`;
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
