/** Whether a JSON value is a schema that says something: the part of JSON Schema 2020-12 that OpenAPI documents use. */

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json }
type Node = { [name: string]: Json }

const TYPES = ['null', 'boolean', 'object', 'array', 'number', 'string', 'integer']
const COMBINERS = ['anyOf', 'oneOf', 'allOf'] as const
/** Which types a keyword speaks about. A keyword beside another type says nothing, and is a mistake. */
const KEYWORDS: Record<string, readonly string[]> = {
  properties: ['object'],
  required: ['object'],
  additionalProperties: ['object'],
  propertyNames: ['object'],
  items: ['array'],
  minItems: ['array'],
  maxItems: ['array'],
  minLength: ['string'],
  maxLength: ['string'],
  pattern: ['string'],
  format: ['string'],
  minimum: ['integer', 'number'],
  maximum: ['integer', 'number'],
}
const ANYWHERE = ['type', 'enum', 'const', 'default', 'description', '$ref', ...COMBINERS]

/** Everything wrong with a schema and the schemas inside it, each with the place where it is; empty where nothing is. */
export function schemaMistakes(schema: Json | undefined, at: string): string[] {
  if (!isNode(schema)) return [`${at} is no object`]
  const mistakes: string[] = []
  const { type, enum: choices, required, properties, items, pattern, additionalProperties, propertyNames } = schema
  const combined = COMBINERS.filter((name) => schema[name] !== undefined)
  const says = type !== undefined || choices !== undefined || schema.const !== undefined || schema.$ref !== undefined
  if (!says && combined.length === 0) mistakes.push(`${at} says nothing`)
  const types = type === undefined ? [] : [type].flat()
  if (types.some((it) => !TYPES.includes(String(it)))) mistakes.push(`${at} has no known type`)
  for (const keyword of Object.keys(schema)) {
    const about = KEYWORDS[keyword]
    if (!about && !ANYWHERE.includes(keyword)) mistakes.push(`${at} has the unknown keyword ${keyword}`)
    if (about && !types.some((it) => about.includes(String(it))))
      mistakes.push(`${at} has ${keyword} beside the type ${type}`)
  }
  if (choices !== undefined && !(Array.isArray(choices) && choices.length > 0)) mistakes.push(`${at} has an empty enum`)
  if (types.includes('array') && items === undefined) mistakes.push(`${at} is a list of nothing`)
  if (types.includes('object') && !properties && !additionalProperties) mistakes.push(`${at} is an object of nothing`)
  for (const name of Array.isArray(required) ? required : [])
    if (!isNode(properties) || properties[String(name)] === undefined)
      mistakes.push(`${at} requires ${name}, which it has not`)
  if (pattern !== undefined && !compiles(pattern)) mistakes.push(`${at} has a pattern that is none`)
  if (Number(schema.minimum) > Number(schema.maximum)) mistakes.push(`${at} has a minimum above its maximum`)
  if (schema.default !== undefined && type !== undefined && !types.some((it) => isOfType(schema.default ?? null, it)))
    mistakes.push(`${at} has a default of another type`)

  for (const [name, inner] of Object.entries(isNode(properties) ? properties : {}))
    mistakes.push(...schemaMistakes(inner, `${at}/${name}`))
  if (items !== undefined) mistakes.push(...schemaMistakes(items, `${at}/items`))
  if (propertyNames !== undefined) mistakes.push(...schemaMistakes(propertyNames, `${at}/propertyNames`))
  // True, false and the empty schema are what "anything more" and "nothing more" are written as.
  if (isNode(additionalProperties) && Object.keys(additionalProperties).length > 0)
    mistakes.push(...schemaMistakes(additionalProperties, `${at}/additionalProperties`))
  for (const name of combined) {
    const parts = schema[name]
    for (const [i, inner] of (Array.isArray(parts) ? parts : []).entries())
      mistakes.push(...schemaMistakes(inner, `${at}/${name}/${i}`))
  }
  return mistakes
}

function isNode(value: Json | undefined): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function compiles(pattern: Json): boolean {
  try {
    // JSON Schema's patterns are ECMA-262 with the u flag.
    new RegExp(String(pattern), 'u')
    return typeof pattern === 'string'
  } catch {
    return false
  }
}

function isOfType(value: Json, type: Json): boolean {
  if (type === 'integer') return Number.isInteger(value)
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return isNode(value)
  return type === 'null' ? value === null : typeof value === type
}
