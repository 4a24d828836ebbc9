#include "policy/budget.hpp"
