/** A thread that takes rows of a picture until there are none. */
import { parentPort, workerData } from 'node:worker_threads'
import { prepare } from './bvh.ts'
import { coarseSize, gatherRow, paintRow, type Sizes } from './passes.ts'
import { makeScene, type PictureName } from './pictures.ts'

const { name, sizes, coarse, light, next } = workerData as {
  name: PictureName
  sizes: Sizes
  coarse: Float32Array
  light: Float32Array
  /** The next row of each pass. */
  next: Int32Array
}
const scene = await makeScene(name)
const tracer = prepare(scene.mesh)

parentPort?.on('message', (pass: 'gather' | 'paint') => {
  const rows = pass === 'gather' ? coarseSize(sizes).height : sizes.height
  for (;;) {
    const row = Atomics.add(next, pass === 'gather' ? 0 : 1, 1)
    if (row >= rows) break
    if (pass === 'gather') gatherRow(scene, tracer, sizes, row, coarse)
    else paintRow(scene, tracer, sizes, row, coarse, light)
  }
  parentPort?.postMessage('done')
})
