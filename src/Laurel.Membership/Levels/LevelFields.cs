using System.Text.Json;
using System.Text.Json.Nodes;
using Laurel.GraphQL.Binding;
using Laurel.GraphQL.Execution;
using Laurel.Membership.Members;
using Laurel.Membership.Programmes;
using Laurel.Platform.Access;
using Laurel.Platform.GraphQL;
using Microsoft.AspNetCore.Http;

namespace Laurel.Membership.Levels;

/// <summary>Asks for levels.</summary>
[GraphQLType("Query")]
internal sealed class LevelFields(Doors doors, ProgrammeKind programmes)
{
    private static readonly Door s_list = new(HttpMethods.Get, "/api/levels");

    [GraphQLField("memberLevels")]
    public async Task<Resolved<MemberLevelsResponse>> ListAsync(MemberQueryInput? input, LevelFilterInput? filter, GraphQLCaller caller, CancellationToken cancellationToken)
    {
        var admission = await doors.AdmitAsync(caller, new DoorCall(s_list), cancellationToken);
        if (admission.Refusal is { } refusal)
        {
            return refusal;
        }

        var page = NumberedPage.Of(input?.Page ?? 1, input?.PageSize ?? NumberedPage.SizeByDefault);
        List<LevelNode> levels = [.. LevelNode.AllOf(ProgrammeOf(caller), caller.Language).Where(level => filter?.Holds(level) ?? true)];
        return new MemberLevelsResponse([.. page.In(levels)], levels.Count, page.Number, page.Size);
    }

    [GraphQLField("memberLevel")]
    public async Task<Resolved<LevelNode?>> FindAsync(string id, GraphQLCaller caller, CancellationToken cancellationToken)
    {
        var admission = await doors.AdmitAsync(caller, new DoorCall(s_list), cancellationToken);
        return admission.Refusal is { } refusal ? refusal : LevelNode.Find(ProgrammeOf(caller), id, caller.Language);
    }

    private Programme ProgrammeOf(GraphQLCaller caller) => programmes.Latest(caller.Tenant)!.Programme;
}

/// <summary>Changes levels.</summary>
[GraphQLType("Mutation")]
internal sealed class LevelMutations(Doors doors, ProgrammeKind programmes)
{
    private static readonly Door s_create = new(HttpMethods.Post, "/api/levels");
    private static readonly Door s_update = new(HttpMethods.Put, "/api/levels/{code}");
    private static readonly Door s_delete = new(HttpMethods.Delete, "/api/levels/{code}");

    [GraphQLField("createMemberLevel")]
    public Task<Resolved<LevelNode>> CreateAsync(LevelInput input, GraphQLCaller caller, FieldRequest field) =>
        ChangeAsync(DoorCall.Of(s_create, field), new JsonObject { ["code"] = input.Id }, input.AsChange(), caller, field.CancellationToken);

    [GraphQLField("updateMemberLevel")]
    public Task<Resolved<LevelNode>> UpdateAsync(string id, LevelUpdateInput input, GraphQLCaller caller, FieldRequest field)
    {
        // Of who is not let in nothing is told; of a level that is not there the operation says so.
        var known = caller.Actor is null ? null : programmes.Latest(caller.Tenant)!.Programme.Levels.FirstOrDefault(level => level.Code == id);
        var level = known is null ? new JsonObject { ["code"] = id } : (JsonObject)JsonSerializer.SerializeToNode(known, ProgrammeDocument.Options)!;
        return ChangeAsync(DoorCall.Of(s_update, field).In("code", id), level, input, caller, field.CancellationToken);
    }

    [GraphQLField("deleteMemberLevel")]
    public Task<Resolved<bool>> DeleteAsync(string id, GraphQLCaller caller, FieldRequest field) =>
        doors.DoAsync(caller, DoorCall.Of(s_delete, field).In("code", id), field.CancellationToken);

    private async Task<Resolved<LevelNode>> ChangeAsync(DoorCall call, JsonObject level, LevelUpdateInput change, GraphQLCaller caller, CancellationToken cancellationToken)
    {
        change.Write(level, Currency.Find(programmes.Latest(caller.Tenant)!.Programme.Currency)!);
        var answer = await doors.CallAsync(caller, call.Saying(level), cancellationToken);
        return answer.Refusal is { } refusal
            ? refusal
            : LevelNode.Find(programmes.Latest(caller.Tenant)!.Programme, answer.Body.GetProperty("level").GetProperty("code").GetString()!, caller.Language)!;
    }
}
