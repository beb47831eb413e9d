/** nginx's own format, which holds where `access_log` names none. */
const COMBINED = `log_format combined '$remote_addr - $remote_user [$time_local] '
  '"$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"';`;

/** The one of infra/nginx/sluice-log-format.conf; a test holds the two together. */
const SLUICE = `log_format sluice escape=json '{"v":1,"t":"$msec","id":"$request_id","m":"$request_method","s":"$status","ok":"$request_completion",'
    '"uri":"$request_uri","path":"$uri","file":"$request_filename","dest":"$http_destination","body":"$request_body_file",'
    '"ups":"$upstream_status","loc":"$sent_http_location","xpath":"$upstream_http_x_upload_path",'
    '"ip":"$remote_addr","user":"$remote_user","host":"$host","proto":"$server_protocol","type":"$content_type",'
    '"clen":"$content_length","rlen":"$request_length","rt":"$request_time","ua":"$http_user_agent"}';`;

/** The directive that a configured format stands for: a known name, or a directive itself. */
export function directiveOf(format: string): string {
  switch (format) {
    case "combined":
      return COMBINED;
    case "sluice":
      return SLUICE;
    default:
      return format;
  }
}
