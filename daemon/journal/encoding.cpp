#include "journal/encoding.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "journal/records_tags.hpp"

namespace trainstop::journal {

namespace {

/// The length of the well-formed sequence at the start (Unicode 15, table 3-7); 0 when there is
/// none.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t at) -> unsigned {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
  };
  const auto tail = [&](std::size_t at) { return byte(at) >= 0x80 && byte(at) <= 0xBF; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return tail(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const bool overlong = lead == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = lead == 0xED && byte(1) > 0x9F;
    return tail(1) && tail(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const bool overlong = lead == 0xF0 && byte(1) < 0x90;
    const bool beyond = lead == 0xF4 && byte(1) > 0x8F;
    return tail(1) && tail(2) && tail(3) && !overlong && !beyond ? 4 : 0;
  }
  return 0;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string bytes_as_text(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      text += c;
    } else {
      text += static_cast<char>(0xC0 | (byte >> 6));
      text += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
  return text;
}

class Encoder {
 public:
  /// False when the value is nested too deeply.
  bool append(const Value& value, int depth) {
    if (depth > kDeepest) return false;
    return std::visit([&](const auto& held) { return append_one(held, depth); }, value.data);
  }

  bool append_one(bool value, int) {
    out += value ? "true" : "false";
    return true;
  }
  bool append_one(std::int64_t value, int) {
    number(value);
    return true;
  }
  bool append_one(double value, int) {
    if (std::isfinite(value)) {
      const std::size_t start = out.size();
      number(value);
      if (out.find_first_of(".e", start) == std::string::npos) out += ".0";
    } else {
      tag(kDouble, [&] { quote(std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf"); });
    }
    return true;
  }
  bool append_one(const std::string& value, int) {
    if (is_utf8(value)) {
      quote(value);
    } else {
      tag(kBytes, [&] { quote(bytes_as_text(value)); });
    }
    return true;
  }
  bool append_one(Money value, int) {
    tag(kMoney, [&] { number(value.nano()); });
    return true;
  }
  bool append_one(Duration value, int) {
    tag(kDuration, [&] { number(std::int64_t{value.count()}); });
    return true;
  }
  bool append_one(Instant value, int) {
    tag(kInstant, [&] { number(std::int64_t{value.time_since_epoch().count()}); });
    return true;
  }
  bool append_one(const Value::Array& values, int depth) {
    return list('[', values, ']', [&](const Value& value) { return append(value, depth + 1); });
  }
  bool append_one(const Value::Object& fields, int depth) {
    const bool escaped =
        (fields.size() == 1 && is_tag(fields[0].first)) ||
        std::ranges::any_of(fields, [](const auto& field) { return !is_utf8(field.first); });
    if (!escaped) {
      return list('{', fields, '}', [&](const auto& field) {
        quote(field.first);
        out += ':';
        return append(field.second, depth + 1);
      });
    }
    bool fits = true;
    tag(kObject, [&] {
      fits = list('[', fields, ']', [&](const auto& field) {
        out += '[';
        append_one(field.first, depth);
        out += ',';
        const bool one_fits = append(field.second, depth + 1);
        out += ']';
        return one_fits;
      });
    });
    return fits;
  }

  std::string out;

 private:
  template <class Number>
  void number(Number value) {
    std::array<char, 32> digits{};  // the longest double is 24, the longest integer 20
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out.append(digits.data(), end);
  }

  void quote(std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\') {
        out += '\\';
        out += c;
      } else if (byte < 0x20) {
        out += "\\u00";
        out += kHex[byte >> 4];
        out += kHex[byte & 0xF];
      } else {
        out += c;
      }
    }
    out += '"';
  }

  template <class AppendInner>
  void tag(std::string_view key, AppendInner&& inner) {
    out += '{';
    quote(key);
    out += ':';
    inner();
    out += '}';
  }

  template <class List, class AppendItem>
  bool list(char open, const List& items, char close, AppendItem&& append_item) {
    out += open;
    bool first = true;
    for (const auto& item : items) {
      if (!std::exchange(first, false)) out += ',';
      if (!append_item(item)) return false;
    }
    out += close;
    return true;
  }
};

}  // namespace

std::optional<std::string> try_encode(const Value::Object& fields) {
  Encoder encoder;
  if (!encoder.append_one(fields, 1)) return std::nullopt;
  return std::move(encoder.out);
}

std::string encode(const Value::Object& fields) {
  auto text = try_encode(fields);
  if (!text) throw std::logic_error("a value is nested too deeply");
  return std::move(*text);
}

}  // namespace trainstop::journal
