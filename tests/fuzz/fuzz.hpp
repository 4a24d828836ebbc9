// What the targets share: the check of a property, and numbers and texts out of an input.
#pragma once

#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include "model/time.hpp"

namespace trainstop::fuzz {

/// Ends the run with a finding when the property does not hold.
inline void require(bool holds, const char* property,
                    std::source_location where = std::source_location::current()) {
  if (holds) return;
  std::fprintf(stderr, "%s:%u: does not hold: %s\n", where.file_name(), unsigned{where.line()},
               property);
  std::abort();
}

/// An input: its numbers come from the back, so that a seed is a text with a few bytes behind it,
/// and its text is what is left.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : bytes_(data, size) {}

  template <class Integer>
  Integer between(Integer least, Integer most) {
    return bytes_.ConsumeIntegralInRange<Integer>(least, most);
  }
  bool flag() { return bytes_.ConsumeBool(); }
  /// Of the whole range, its edges often.
  std::int64_t number() {
    constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
    constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
    switch (between(0, 7)) {
      case 0:
        return kLeast + between(0, 2);
      case 1:
        return kMost - between(0, 2);
      case 2:
        return between<std::int64_t>(-2, 2);
      case 3:
        return 1'767'571'200'000'000 + between<std::int32_t>(-2'000'000'000, 2'000'000'000);
      default:
        return bytes_.ConsumeIntegral<std::int64_t>();
    }
  }
  /// An instant that the daemon may meet: of the years 1970 to 2199.
  Instant instant() { return Instant{Duration{between<std::int64_t>(0, 7'258'118'399'999'999)}}; }
  std::string text(std::size_t longest) { return bytes_.ConsumeRandomLengthString(longest); }
  std::string rest() { return bytes_.ConsumeRemainingBytesAsString(); }
  bool empty() { return bytes_.remaining_bytes() == 0; }

 private:
  FuzzedDataProvider bytes_;
};

/// Gives `text` to `write` in pieces of these sizes, again from the first when they are used up;
/// ends when `write` says false.
template <class Write>
void in_pieces(std::string_view text, const std::vector<std::size_t>& sizes, Write&& write) {
  for (std::size_t piece = 0; !text.empty(); ++piece) {
    const std::size_t size = sizes.empty() ? text.size() : sizes[piece % sizes.size()];
    const std::string_view part = text.substr(0, std::max<std::size_t>(size, 1));
    if (!write(part)) return;
    text.remove_prefix(part.size());
  }
}

/// Up to eight sizes for in_pieces.
inline std::vector<std::size_t> piece_sizes(Input& input) {
  std::vector<std::size_t> sizes(input.between<std::size_t>(1, 8));
  for (std::size_t& size : sizes) size = input.between<std::size_t>(1, 64);
  return sizes;
}

/// Whether a text may stand in a line of the log: no control characters.
inline bool is_one_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' || static_cast<unsigned char>(c) == 0x7f;
  });
}

}  // namespace trainstop::fuzz
