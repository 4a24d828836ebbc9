// Amounts for tests.
#pragma once

#include "model/money.hpp"

namespace trainstop::policy {

inline Money dollars(int whole) {
  return Money::from_dollars(whole);
}

}  // namespace trainstop::policy
