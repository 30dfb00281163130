/** The package ships no types; these are the parts that tests use. */
declare module '@20minutes/s3rver' {
  export default class S3rver {
    constructor(options: {
      port: number
      address: string
      silent: boolean
      directory: string
      configureBuckets: { name: string; configs: unknown[] }[]
      vhostBuckets?: boolean
      allowMismatchedSignatures?: boolean
      key?: Buffer
      cert?: Buffer
    })
    run(): Promise<{ port: number }>
    close(): Promise<void>
  }
}
