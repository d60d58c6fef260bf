"""The options of the command line that say where a product is and what it declares of itself."""

from argparse import ArgumentParser, Namespace

from conformance.product import Product

OPTIONS = {
    "mailbox": "where its messages are listed as JSON, by ?to=",
    "voters": "where its fictional voters are listed as JSON",
    "replies": "where the number and the text of an SMS that is sent back are posted",
    "desk_phone": "the helpdesk's number, as pages write it",
    "desk_mail": "the helpdesk's address",
    "messages_per_address": "how many messages may be asked for one address in an hour",
    "switched_off": "how the numbers end of telephones that are off",
    "barred": "how the numbers end that the operator refuses",
}


def add_product_options(parser: ArgumentParser) -> None:
    """Add the options to a reader of the command line."""
    parser.add_argument("--url", required=True, help="the site, without a slash at its end")
    for name, words in OPTIONS.items():
        default = getattr(Product, name)
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, default=default, type=type(default), help=f"{words} (default: {default})")


def product_from_options(options: Namespace) -> Product:
    """Return the product that the options describe."""
    return Product(url=options.url, **{name: getattr(options, name) for name in OPTIONS})
