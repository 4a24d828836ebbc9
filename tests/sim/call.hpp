// One request on its way through the endpoints; shared by api.cpp and plan.cpp.
#pragma once

#include <vector>

#include "sim/api.hpp"

namespace trainstop::sim {

struct Api::Call {
  Call(const Received& r, Route to) : request(r), route(std::move(to)) {}
  const Received& request;
  Route route;
  std::size_t deciding_number = 0;
  const Fault* deciding = nullptr;  ///< the fault that decides the reply
  std::vector<const Fault*> modifiers;
  bool takes_effect = true;  ///< of a stop
  bool applied = false;
  bool date = true;
  Duration date_offset{0};
  bool close_told = false;
};

}  // namespace trainstop::sim
