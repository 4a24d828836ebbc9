// A number over everything in a batch, so that two runs can be compared.
#pragma once

#include <cstdint>

#include "core/effects.hpp"

namespace trainstop::proof {

/// Goes on from `before`.
std::uint64_t digest_of(const core::Batch& batch, std::uint64_t before);

}  // namespace trainstop::proof
