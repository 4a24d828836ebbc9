#include "values.hpp"

#include <rapidcheck.h>

#include <bit>
#include <cmath>
#include <limits>

namespace trainstop::journal::test {

namespace {

std::int64_t any_integer() {
  if (pick(4) == 0) {
    return *rc::gen::element(std::numeric_limits<std::int64_t>::min(),
                             std::numeric_limits<std::int64_t>::max(), std::int64_t{0},
                             std::int64_t{-1});
  }
  return *rc::gen::arbitrary<std::int64_t>();
}

/// Of any bits but those of NaN, which is not equal to itself.
double any_double() {
  if (*rc::gen::arbitrary<bool>()) return static_cast<double>(*rc::gen::inRange(-1000, 1000));
  const auto bits =
      static_cast<std::uint64_t>(any_integer()) ^ *rc::gen::arbitrary<std::uint64_t>();
  const auto value = std::bit_cast<double>(bits);
  return std::isnan(value) ? std::numeric_limits<double>::infinity() : value;
}

}  // namespace

int pick(int below) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, below));
}

std::string any_text() {
  switch (pick(4)) {
    case 0:
      return *rc::gen::element<std::string>("$", "@", "s", "#", "b", "o", "", "job", "é€😀",
                                            "\x01\"\\");
    case 1:
      return *rc::gen::container<std::string>(rc::gen::inRange<char>(' ', '~'));
    default:
      return *rc::gen::arbitrary<std::string>();
  }
}

Value any_value(int levels) {
  switch (pick(levels > 0 ? 9 : 7)) {
    case 0:
      return *rc::gen::arbitrary<bool>();
    case 1:
      return any_integer();
    case 2:
      return any_double();
    case 3:
      return any_text();
    case 4:
      return Money::from_nano(any_integer());
    case 5:
      return Duration(any_integer());
    case 6:
      return Instant(Duration(any_integer()));
    case 7: {
      Value::Array items;
      for (int left = pick(4); left > 0; --left) items.push_back(any_value(levels - 1));
      return items;
    }
    default:
      return any_object(levels - 1);
  }
}

Value::Object any_object(int levels) {
  Value::Object fields;
  for (int left = pick(4); left > 0; --left) {
    std::string key = any_text();
    fields.emplace_back(std::move(key), any_value(levels));
  }
  return fields;
}

}  // namespace trainstop::journal::test
