package dev.counterpart

/** A stable code for scripts, logs and translations: `required`, `denied`, `needs_server`, `unsent` … */
val ShopException.code: String
    get() =
        when (this) {
            is ShopException.Invalid -> code
            is ShopException.Denied -> code
            is ShopException.Missing -> code
            is ShopException.NotNow -> code
            is ShopException.Storage -> code
            is ShopException.NeedsServer -> code
            is ShopException.SignedOut -> code
            is ShopException.Defect -> code
        }
