using System.Globalization;
using Dapper;
using Laurel.Engine.Sql;

namespace Laurel.Platform.Vault;

/// <summary>How many values of a column are under which master key.</summary>
/// <param name="ByKey">For every key that is here.</param>
/// <param name="Unknown">Under keys that are not here, or of no known form: nobody can read them.</param>
public sealed record ColumnSurvey(SealedColumn Column, IReadOnlyDictionary<string, long> ByKey, long Unknown);

/// <summary>Looks through everything that is sealed: whether a master key may be dropped. Reads each column whole.</summary>
public static class VaultSurvey
{
    public static async Task<IReadOnlyList<ColumnSurvey>> RunAsync(
        Database database, MasterKeys keys, IReadOnlyList<SealedColumn> columns, CancellationToken cancellationToken)
    {
        string[] ids = [.. keys.Ids];
        var parameters = new DynamicParameters();
        for (var i = 0; i < ids.Length; i++)
        {
            var beginning = MasterSeal.BeginningOf(ids[i]);
            parameters.Add($"B{i}", beginning);
            parameters.Add($"L{i}", beginning.Length);
        }

        var surveys = new List<ColumnSurvey>();
        foreach (var column in columns)
        {
            await using var session = await database.OpenReaderAsync(Reach.Everything, cancellationToken);
            using var timed = database.Times.Begin("vault.survey");
            var row = (IDictionary<string, object>)await session.Connection.QuerySingleAsync(
                new CommandDefinition(column.CountOf(ids.Length), parameters, cancellationToken: cancellationToken));
            var byKey = ids.Select((id, i) => (Id: id, Values: NumberOf(row[$"n{i}"]))).ToDictionary(one => one.Id, one => one.Values, StringComparer.Ordinal);
            surveys.Add(new ColumnSurvey(column, byKey, NumberOf(row["n"]) - byKey.Values.Sum()));
        }

        return surveys;
    }

    // MySQL adds up as DECIMAL.
    private static long NumberOf(object value) => Convert.ToInt64(value, CultureInfo.InvariantCulture);
}
