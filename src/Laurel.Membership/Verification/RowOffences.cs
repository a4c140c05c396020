using System.Globalization;
using Dapper;
using Laurel.Engine.Sql;

namespace Laurel.Membership.Verification;

/// <summary>Rows that an invariant forbids, found by one statement.</summary>
internal sealed class RowOffences(ReadSnapshot snapshot, Findings findings)
{
    private sealed class Row
    {
        public int Tenant { get; init; }

        public required string Held { get; init; }

        public long Id { get; init; }

        public required string Expected { get; init; }
    }

    /// <param name="count">How many there are to be looked at.</param>
    /// <param name="find">Gives <c>Tenant</c>, the table as <c>Held</c>, <c>Id</c>, and what was <c>Expected</c> of the row.</param>
    public async Task RunAsync(InvariantCode code, string count, string find, CancellationToken cancellationToken)
    {
        findings.Look(code, await snapshot.Connection.ExecuteScalarAsync<long>(new CommandDefinition(count, cancellationToken: cancellationToken)));
        foreach (var row in await snapshot.Connection.QueryAsync<Row>(new CommandDefinition(find, cancellationToken: cancellationToken)))
        {
            findings.Report(code, new Offence
            {
                Tenant = row.Tenant,
                Member = 0,
                Table = row.Held,
                Id = row.Id.ToString(CultureInfo.InvariantCulture),
                Expected = row.Expected,
                Found = "there is none",
            });
        }
    }
}
