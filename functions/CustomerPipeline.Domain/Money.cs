using System.Collections.Frozen;
using System.Globalization;

namespace CustomerPipeline.Domain;

/// <summary>
/// An ISO 4217 currency: its three-letter code and how many digits its minor unit has (0 for JPY, 2 for USD, 3 for KWD).
/// An instance from <see cref="TryParse"/> is always one of the codes in use, or one that was.
/// </summary>
public readonly record struct Currency
{
    // Source: ISO 4217, list one, codes in use as money (funds, metals and test codes left out).
    private const string TwoDigitCodes =
        "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD "
        + "EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL "
        + "MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP "
        + "SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG";

    // Source: ISO 4217, list three, codes withdrawn since 1999: the history of a shop is in the money of its time.
    private const string WithdrawnTwoDigitCodes =
        "ATS CUC CYP DEM EEK FIM FRF GHC HRK IEP LTL LVL MRO MTL NLG ROL SIT SKK SLL STD VEF ZMK ZWL";

    private const string WithdrawnZeroDigitCodes = "BEF BYR ESP ITL LUF PTE";

    private const string ZeroDigitCodes = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";
    private const string ThreeDigitCodes = "BHD IQD JOD KWD LYD OMR TND";

    private static readonly FrozenDictionary<string, Currency> Known =
        Codes(TwoDigitCodes, 2).Concat(Codes(ZeroDigitCodes, 0)).Concat(Codes(ThreeDigitCodes, 3))
            .Concat(Codes(WithdrawnTwoDigitCodes, 2)).Concat(Codes(WithdrawnZeroDigitCodes, 0))
            .ToFrozenDictionary(c => c.Code, StringComparer.OrdinalIgnoreCase);

    private Currency(string code, int digits) => (Code, Digits) = (code, digits);

    /// <summary>The upper-case ISO 4217 code.</summary>
    public string Code { get; }

    /// <summary>Digits of the minor unit.</summary>
    public int Digits { get; }

    /// <summary>Finds a currency by its code in any case. False for null, empty and unknown codes.</summary>
    public static bool TryParse(string? code, out Currency currency)
    {
        currency = default;
        return code is not null && Known.TryGetValue(code, out currency);
    }

    /// <summary>The currency of a code this program wrote itself.</summary>
    /// <exception cref="ArgumentException">The code is unknown: a corrupt document.</exception>
    public static Currency Of(string code) =>
        TryParse(code, out var currency) ? currency : throw new ArgumentException($"'{code}' is not an ISO 4217 currency.", nameof(code));

    public override string ToString() => Code;

    private static IEnumerable<Currency> Codes(string codes, int digits) => codes.Split(' ').Select(code => new Currency(code, digits));
}

/// <summary>Money arithmetic: integers in minor units inside, decimal strings in major units at the edges.</summary>
public static class Money
{
    private static readonly decimal[] Scale = [1m, 10m, 100m, 1000m, 10000m];

    // Beyond this an amount is a broken message, not a sale; sums of many such amounts still fit a long.
    private const decimal LargestMinor = 1_000_000_000_000_000m;

    /// <summary>
    /// Major units to minor units, rounded half to even. False when the amount is beyond 10^15 minor units.
    /// <paramref name="rounded"/> says that the source gave more digits than the currency has.
    /// </summary>
    public static bool TryToMinor(decimal major, Currency currency, out long minor, out bool rounded)
    {
        minor = 0;
        rounded = false;
        if (Math.Abs(major) > LargestMinor)
        {
            return false;
        }

        var exact = major * Scale[currency.Digits];
        if (Math.Abs(exact) > LargestMinor)
        {
            return false;
        }

        var whole = decimal.Round(exact, MidpointRounding.ToEven);
        rounded = whole != exact;
        minor = (long)whole;
        return true;
    }

    /// <summary>Minor units as a decimal string in major units, with exactly the currency's digits: <c>40495</c> USD is <c>404.95</c>.</summary>
    public static string ToMajor(long minor, string currencyCode)
    {
        var digits = Currency.Of(currencyCode).Digits;
        return (minor / Scale[digits]).ToString(digits == 0 ? "0" : "0." + new string('0', digits), CultureInfo.InvariantCulture);
    }

    /// <summary>Minor units as a number in major units: <c>40495</c> USD is 404.95.</summary>
    public static decimal ToMajorNumber(long minor, string currencyCode) => minor / Scale[Currency.Of(currencyCode).Digits];

    /// <summary>Minor units of one currency in those of another, at so many of its major units for one, rounded half to even.</summary>
    public static long Convert(long minor, Currency from, Currency to, decimal rate) =>
        (long)decimal.Round(minor * rate * Scale[to.Digits] / Scale[from.Digits], MidpointRounding.ToEven);

    /// <summary>A quotient of two integers rounded half to even; the denominator is positive.</summary>
    public static long DivideHalfEven(long numerator, long denominator) =>
        (long)decimal.Round((decimal)numerator / denominator, MidpointRounding.ToEven);
}
