using System.Globalization;
using Laurel.Kernel;
using Laurel.Membership.Points;

namespace Laurel.Membership.Exports;

/// <summary>Writes every member's figures as of an instant as CSV (RFC 4180): UTF-8, CRLF, one header line. Units that the programme defines are the last
/// columns, by their codes.</summary>
public sealed class MembersCsv(BalancesAsOf balances)
{
    private const string Header = "external_id,available,lifetime,growth,level,member_code,member_id,pending,held,debt,balance";

    /// <summary>Rows in the order of member ids, written as they are read.</summary>
    /// <param name="progress">Told the number of members written so far; null tells nobody.</param>
    /// <returns>Members written.</returns>
    /// <exception cref="AsOfTooEarlyException">When opening balances stand for what happened after the instant.</exception>
    public async Task<long> WriteAsync(TenantId tenant, Instant at, TextWriter writer, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var units = balances.UnitsOf(tenant);
        await writer.WriteAsync(string.Join(',', [Header, .. units]) + "\r\n");
        long written = 0;
        await foreach (var member in balances.ReadAllAsync(tenant, at, cancellationToken))
        {
            await writer.WriteAsync(RowOf(member, units));
            written++;
            if (written % 1_000 == 0)
            {
                progress?.Report(written);
            }
        }

        return written;
    }

    private static string RowOf(BalanceAsOf member, IReadOnlyList<string> units) => string.Create(
        CultureInfo.InvariantCulture,
        $"{CsvField.OfText(member.ExternalId)},{member.Available},{member.Lifetime},{member.Growth},{CsvField.OfText(member.LevelCode)},"
        + $"{CsvField.OfText(member.MemberCode)},{member.MemberId},{member.Pending},{member.Held},{member.Debt},{member.Balance}{string.Concat(units.Select(unit => $",{member.Units.GetValueOrDefault(unit)}"))}\r\n");
}
