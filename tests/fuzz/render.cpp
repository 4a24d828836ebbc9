#include "fuzz/render.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>

namespace trainstop::fuzz {

namespace {

std::string member(std::string_view key, const std::optional<std::string>& text) {
  return text ? fmt::format(R"(,"{}":{})", key, quoted(*text)) : std::string();
}

std::string member(std::string_view key, std::optional<std::int32_t> number) {
  return number ? fmt::format(R"(,"{}":{})", key, *number) : std::string();
}

}  // namespace

std::string quoted(std::string_view text) {
  return boost::json::serialize(boost::json::string_view(text.data(), text.size()));
}

std::string rendered(const baseten::JsonValue& value) {
  using Kind = baseten::JsonValue::Kind;
  switch (value.kind) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return value.boolean ? "true" : "false";
    case Kind::number:
      return value.text;
    case Kind::string:
      return quoted(value.text);
    default:
      break;
  }
  const bool is_object = value.kind == Kind::object;
  std::string text = is_object ? "{" : "[";
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    if (i > 0) text += ',';
    if (is_object) text += quoted(value.keys[i]) + ":";
    text += rendered(value.items[i]);
  }
  return text + (is_object ? "}" : "]");
}

std::string rendered(const JobSnapshot& job) {
  const std::string user =
      job.user ? fmt::format(R"(,"user":{{"email":{}}})", quoted(*job.user)) : std::string();
  return fmt::format(R"({{"id":{},"created_at":"{}","updated_at":"{}","current_status":{},)"
                     R"("instance_type":{{"id":{},"gpu_count":{}{}}},"training_project_id":{},)"
                     R"("training_project":{{"name":{}}}{}{}{}{}{}}})",
                     quoted(job.id), format_rfc3339(job.created_at), format_rfc3339(job.updated_at),
                     quoted(job.status), quoted(job.instance_type), job.gpu_count,
                     member("gpu_type", job.gpu_type), quoted(job.project_id),
                     quoted(job.project_name), member("name", job.name),
                     member("node_count", job.node_count), member("priority", job.priority),
                     member("availability_model", job.availability), user);
}

}  // namespace trainstop::fuzz
