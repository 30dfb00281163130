/** nginx and Varnish before the hotel's application, as their manuals have them for a TTL of two seconds. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../../infra/local/ports.ts'
import { type Service, startService } from '../../../infra/local/service-process.ts'

type PeerOptions = { program: string; directory: string; appUrl: string }

/** One worker, kept connections to the application, one request at a time for an answer that is not there. */
export async function startNginx({ program, directory, appUrl }: PeerOptions): Promise<Service> {
  const port = await freePort()
  // In memory where there is such a place, so that no disk slows it down.
  const cache = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : directory, 'stayzr-nginx-'))
  chmodSync(cache, 0o755)
  mkdirSync(directory, { recursive: true })
  const file = join(directory, 'nginx.conf')
  writeFileSync(
    file,
    `worker_processes 1;
daemon off;
pid ${directory}/nginx.pid;
error_log ${directory}/error.log warn;
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 4096; }
http {
  access_log off;
  sendfile on;
  tcp_nodelay on;
  keepalive_requests 1000000;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  proxy_cache_path ${cache} levels=1:2 keys_zone=answers:64m max_size=1g inactive=60s use_temp_path=off;
  upstream app {
    server ${new URL(appUrl).host};
    keepalive 64;
    keepalive_requests 1000000;
  }
  server {
    listen 127.0.0.1:${port} reuseport;
    location / {
      proxy_pass http://app;
      proxy_http_version 1.1;
      proxy_set_header connection "";
      proxy_cache answers;
      proxy_cache_key $request_uri;
      proxy_ignore_headers cache-control;
      proxy_cache_valid 200 2s;
      proxy_cache_lock on;
    }
  }
}
`,
  )
  const service = await startService({
    name: 'nginx',
    command: program,
    args: ['-p', directory, '-c', file],
    env: {},
    cwd: directory,
    url: `http://127.0.0.1:${port}`,
    readyPath: '/health',
    log: () => {},
  })
  return { ...service, stop: () => service.stop().finally(() => rmSync(cache, { recursive: true, force: true })) }
}

/** One thread pool, and no grace: by itself Varnish answers ten seconds longer from what has passed its time. */
export async function startVarnish({ program, directory, appUrl }: PeerOptions): Promise<Service> {
  const port = await freePort()
  mkdirSync(directory, { recursive: true })
  chmodSync(directory, 0o755)
  const file = join(directory, 'hotel.vcl')
  const { hostname, port: appPort } = new URL(appUrl)
  writeFileSync(
    file,
    `vcl 4.1;
backend app { .host = "${hostname}"; .port = "${appPort}"; }
`,
  )
  const parameters = ['default_grace=0', 'default_keep=0', 'thread_pools=1', 'thread_pool_max=1000']
  return await startService({
    name: 'Varnish',
    command: program,
    args: [
      '-F',
      ...['-a', `127.0.0.1:${port}`],
      ...['-T', 'none'],
      ...['-n', join(directory, 'state')],
      ...['-f', file],
      ...['-s', 'malloc,512m'],
      ...parameters.flatMap((parameter) => ['-p', parameter]),
    ],
    env: {},
    cwd: directory,
    url: `http://127.0.0.1:${port}`,
    readyPath: '/health',
    log: () => {},
  })
}
