// Where a secret comes from: an API key, a webhook's address, the key of a signature.
#include <fmt/format.h>

#include "policy/sections.hpp"

namespace trainstop::policy {

std::optional<SecretSource> read_secret(Context& context, const Node& node) {
  using From = SecretSource::From;
  // What stands here may be the secret itself: it must not get into a message.
  if (node.kind != Node::Kind::map) {
    context.problems.error(node.mark,
                           "a secret is not written into the configuration itself; say where it "
                           "is: {env: NAME}, {file: PATH} or {credential: NAME}");
    return {};
  }
  const Fields fields(context, Section::secret, node);
  std::optional<SecretSource> source;
  int sources = 0;
  const auto take = [&](std::string_view key, From from) {
    if (!fields.has(key)) return;
    ++sources;
    if (const auto name = fields.text(key))
      source = SecretSource{from, *name, context.problems.place(node.mark)};
  };
  take("credential", From::credential);
  take("env", From::env);
  take("file", From::file);
  if (sources != 1) {
    context.problems.error(
        node.mark, "expected exactly one of {env: NAME}, {file: PATH} and {credential: NAME}");
    return {};
  }
  // The name becomes a path below the credentials' directory.
  if (source && source->from == From::credential &&
      (source->name.find('/') != std::string::npos || source->name.starts_with('.'))) {
    context.problems.error(node.mark,
                           fmt::format("'{}' can't be the name of a credential", source->name));
    return {};
  }
  return source;
}

}  // namespace trainstop::policy
