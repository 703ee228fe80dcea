import { clone, create, type DescFile, toBinary } from '@bufbuild/protobuf';
import {
  FileDescriptorProtoSchema,
  type SourceCodeInfo_Location,
  SourceCodeInfo_LocationSchema,
  SourceCodeInfoSchema,
} from '@bufbuild/protobuf/wkt';
import { comments } from '#gen/authflow/v1/comments.js';

/**
 * The descriptors of files and of all that they need, each once, with the comments of our protos: what `grpcurl describe` and
 * `buf curl` show is the manual. Generated descriptors have none.
 */
export function describedFiles(files: readonly DescFile[]): Buffer[] {
  const all = new Set<DescFile>();
  const add = (file: DescFile): void => {
    all.add(file);
    file.dependencies.forEach(add);
  };
  files.forEach(add);
  return Array.from(all, (file) => Buffer.from(toBinary(FileDescriptorProtoSchema, described(file))));
}

// The numbers of the fields of google.protobuf.FileDescriptorProto that hold declarations; each holds its parts in 2.
const MESSAGES = 4;
const ENUMS = 5;
const SERVICES = 6;
const PARTS = 2;

function described(file: DescFile): DescFile['proto'] {
  const location = [
    ...file.messages.flatMap((message, index) => [
      ...located(message.typeName, [MESSAGES, index]),
      ...message.proto.field.flatMap(({ name }, part) =>
        located(`${message.typeName}.${name}`, [MESSAGES, index, PARTS, part]),
      ),
    ]),
    ...file.enums.flatMap((enumeration, index) => [
      ...located(enumeration.typeName, [ENUMS, index]),
      ...enumeration.values.flatMap(({ name }, part) =>
        located(`${enumeration.typeName}.${name}`, [ENUMS, index, PARTS, part]),
      ),
    ]),
    ...file.services.flatMap((service, index) => [
      ...located(service.typeName, [SERVICES, index]),
      ...service.methods.flatMap(({ name }, part) =>
        located(`${service.typeName}.${name}`, [SERVICES, index, PARTS, part]),
      ),
    ]),
  ];
  if (location.length === 0) {
    return file.proto;
  }
  const proto = clone(FileDescriptorProtoSchema, file.proto);
  proto.sourceCodeInfo = create(SourceCodeInfoSchema, { location });
  return proto;
}

function located(fullName: string, path: number[]): readonly SourceCodeInfo_Location[] {
  const comment = comments[fullName];
  if (comment === undefined) {
    return [];
  }
  // Where in the file is not known, and a span there must be.
  return [create(SourceCodeInfo_LocationSchema, { path, span: [0, 0, 0], leadingComments: lines(comment) })];
}

/** Of an editor's width, each after a space, as comments of protos are written. */
function lines(comment: string): string {
  const paragraphs = comment
    .split('\n\n')
    .map((paragraph) => paragraph.replaceAll(/(?=\S)(.{1,76})(?:\s+|$)/g, ' $1\n'));
  return paragraphs.join('\n');
}
