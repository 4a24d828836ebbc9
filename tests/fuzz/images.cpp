#include "fuzz/images.hpp"

#include <array>
#include <cmath>

#include "journal/encoding.hpp"

namespace trainstop::fuzz {

namespace {

// The members that core/memory.hpp names; a list that is old makes worse inputs, no wrong ones.
constexpr std::array kMembers{"project",
                              "name",
                              "status",
                              "created_at",
                              "updated_at",
                              "instance_type",
                              "gpu_count",
                              "gpu_type",
                              "node_count",
                              "priority",
                              "availability",
                              "user",
                              "standing",
                              "judged",
                              "birth_told",
                              "expected",
                              "consequence_told",
                              "estimate_told",
                              "shares_told",
                              "told",
                              "trip",
                              "due",
                              "not_before",
                              "repeat_at",
                              "warned_due",
                              "id",
                              "rule",
                              "rule_hash",
                              "cost_limit",
                              "tripped",
                              "hold",
                              "held_since",
                              "held_told",
                              "approved",
                              "verified",
                              "intended",
                              "requested_at",
                              "attempt",
                              "failures",
                              "first_sent",
                              "accepted",
                              "next_deadline",
                              "unconfirmed_since",
                              "unconfirmed_told",
                              "complained_at",
                              "reason",
                              "stops",
                              "since",
                              "jobs",
                              "minutes",
                              "billed",
                              "read",
                              "doubted",
                              "url_hash",
                              "price_told",
                              "first",
                              "last",
                              "count",
                              "except",
                              "type",
                              "from",
                              "per_minute",
                              "phase",
                              "phase_since",
                              "seen_status",
                              "status_unknown",
                              "status_since",
                              "ran_before",
                              "billed_since",
                              "serial",
                              "lost",
                              "requested_before",
                              "exempt",
                              "unsure",
                              "status_unknown_told",
                              "forget_at",
                              "last_sent",
                              "ended",
                              "$",
                              "@",
                              "s",
                              "#",
                              "b",
                              "o"};

constexpr std::array kWords{"TRAINING_JOB_RUNNING",
                            "RUNNING",
                            "TRAINING_JOB_STOPPED",
                            "H100x8",
                            "long",
                            "costly",
                            "p",
                            "j",
                            "",
                            "spot",
                            "max_stops",
                            "p/j"};

constexpr std::array kKeys{"a/p/j", "a/p/k", "b/p/j", "a/p/j/long", "a/p/j/costly",
                           "a",     "b",     "",      "a/H100x8/0", "a/x/p/j",
                           "a/",    "a//",   "a/p/j/"};

double any_double(Input& input) {
  switch (input.between(0, 5)) {
    case 0:
      return std::numeric_limits<double>::infinity();
    case 1:
      return std::numeric_limits<double>::quiet_NaN();
    case 2:
      return -0.0;
    case 3:
      return std::numeric_limits<double>::denorm_min();
    default:
      return std::bit_cast<double>(input.number());
  }
}

std::string any_text(Input& input) {
  if (input.flag()) return kWords.at(input.between<std::size_t>(0, kWords.size() - 1));
  return input.text(20);
}

bool is_nan(const Value& value) {
  if (const auto* number = std::get_if<double>(&value.data)) return std::isnan(*number);
  if (const auto* items = std::get_if<Value::Array>(&value.data))
    return std::any_of(items->begin(), items->end(), is_nan);
  if (const auto* fields = std::get_if<Value::Object>(&value.data)) return has_nan(*fields);
  return false;
}

}  // namespace

Value any_value(Input& input, int levels) {
  switch (input.between(0, levels > 0 ? 8 : 6)) {
    case 0:
      return input.flag();
    case 1:
      return input.number();
    case 2:
      return any_double(input);
    case 3:
      return any_text(input);
    case 4:
      return Money::from_nano(input.number());
    case 5:
      return Duration(input.number());
    case 6:
      return Instant(Duration(input.number()));
    case 7: {
      Value::Array items;
      for (int left = input.between(0, 3); left > 0; --left) {
        items.push_back(any_value(input, levels - 1));
      }
      return items;
    }
    default:
      return any_object(input, levels - 1);
  }
}

Value::Object any_object(Input& input, int levels) {
  Value::Object fields;
  for (int left = input.between(0, 6); left > 0 && !input.empty(); --left) {
    const auto known = input.between<std::size_t>(0, kMembers.size());
    std::string name = known < kMembers.size() ? kMembers.at(known) : any_text(input);
    fields.emplace_back(std::move(name), any_value(input, levels));
  }
  return fields;
}

bool has_nan(const Value::Object& fields) {
  return std::any_of(fields.begin(), fields.end(),
                     [](const auto& field) { return is_nan(field.second); });
}

Image any_image(Input& input) {
  Image image;
  image.kind = static_cast<Image::Kind>(input.between(1, 10));
  const auto known = input.between<std::size_t>(0, kKeys.size());
  image.key = known < kKeys.size() ? kKeys.at(known) : any_text(input);
  image.body = any_object(input, 2);
  return image;
}

std::vector<Image> read_images(const std::string& text) {
  std::vector<Image> images;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = std::string_view(text).substr(begin, end - begin);
    begin = end + 1;
    const std::size_t key = std::min(line.find(' '), line.size());
    const std::size_t body = std::min(line.find(' ', key + 1), line.size());
    if (body == line.size() || key == 0 || key > 2) continue;
    auto fields = journal::decode(line.substr(body + 1));
    const int kind = std::atoi(std::string(line.substr(0, key)).c_str());
    if (!fields || kind < 1 || kind > 10) continue;
    Image image;
    image.kind = static_cast<Image::Kind>(kind);
    image.key = line.substr(key + 1, body - key - 1);
    image.body = std::move(*fields);
    images.push_back(std::move(image));
  }
  return images;
}

}  // namespace trainstop::fuzz
