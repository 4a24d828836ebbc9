// HTTP statuses to failures, in words a person can act on.
#pragma once

#include <optional>

#include "model/failure.hpp"
#include "net/http.hpp"

namespace trainstop::baseten {

/// Empty for a 2xx.
std::optional<Failure> failure_of(const net::Response& response);

}  // namespace trainstop::baseten
