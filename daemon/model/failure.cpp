#include "model/failure.hpp"

namespace trainstop {

std::string_view to_string(FailureKind kind) {
  switch (kind) {
    case FailureKind::transport:
      return "transport";
    case FailureKind::timeout:
      return "timeout";
    case FailureKind::tls:
      return "tls";
    case FailureKind::rate_limited:
      return "rate_limited";
    case FailureKind::server_error:
      return "server_error";
    case FailureKind::unauthorized:
      return "unauthorized";
    case FailureKind::not_found:
      return "not_found";
    case FailureKind::client_error:
      return "client_error";
    case FailureKind::unusable:
      return "unusable";
    case FailureKind::cancelled:
      return "cancelled";
  }
  return "unusable";
}

}  // namespace trainstop
