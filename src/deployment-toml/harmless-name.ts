/**
 * Keys of deployment.toml whose values are shown in a plan: those that this tool writes, but for passwords and user names, and those that
 * stand beside them in the shipped files. Whatever else people have there could be a secret, whatever it is called.
 */
const HARMLESS: ReadonlySet<string> = new Set([
  ...['hostname', 'node_ip', 'base_path', 'offset', 'mode', 'legacy_mode', 'proxyPort', 'server_role'],
  ...['enable', 'enabled', 'authorize_all_scopes', 'allow_system_prefix_for_role', 'create_admin_account'],
  ...['context', 'secure', 'http_method', 'cross_tenant', 'permissions', 'scopes', 'file_name', 'type', 'alias'],
  ...['id', 'name', 'order', 'header.X-WSO2-KEY-MANAGER', 'notification_endpoint'],
]);

/** Whether the value under a key may be shown, by the key's last name. */
export function isHarmlessName(name: string): boolean {
  return HARMLESS.has(name);
}
